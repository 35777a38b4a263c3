-- AlterTable
ALTER TABLE "order" ADD COLUMN     "needs_attention" BOOLEAN NOT NULL DEFAULT false;

-- Orders that were placed before know nothing of refunds and returns
UPDATE "order" SET "saga" = '{"endsAs": "CANCELLED", "refunds": [], "returns": [], "untold": []}'::jsonb || "saga";
