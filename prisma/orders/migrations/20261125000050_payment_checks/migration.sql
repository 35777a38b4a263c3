-- AlterTable
ALTER TABLE "payment" ADD COLUMN     "check_at" TIMESTAMPTZ(3),
ADD COLUMN     "checks" INTEGER NOT NULL DEFAULT 0;

-- CreateIndex
CREATE INDEX "payment_check_at_idx" ON "payment"("check_at") WHERE check_at IS NOT NULL;
