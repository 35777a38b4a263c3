-- AlterTable
ALTER TABLE "reservation" ADD COLUMN "untold" BOOLEAN NOT NULL DEFAULT false;

-- DropIndex
DROP INDEX "reservation_status_expires_at_idx";

-- DropIndex
DROP INDEX "stock_changed_at_idx";

-- CreateIndex
CREATE INDEX "stock_changed_at_idx" ON "stock" USING BRIN ("changed_at");

-- What Prisma cannot say: only what is held or untold is looked for, so what is sold or given back costs no entry.
CREATE INDEX "reservation_open" ON "reservation" ("expires_at") WHERE "status" = 'RESERVED' OR "untold";

-- Room for the next version of a row on its own page.
ALTER TABLE "stock" SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);
