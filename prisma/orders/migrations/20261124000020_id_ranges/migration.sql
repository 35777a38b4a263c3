-- AlterTable
ALTER TABLE "worker_lease" ADD COLUMN     "used_until" BIGINT NOT NULL DEFAULT 0;

-- Whoever holds a worker id now may have issued ids up to a minute ahead
UPDATE "worker_lease" SET "used_until" = (extract(epoch from now()) * 1000)::bigint + 60000;
