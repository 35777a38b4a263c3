-- AlterTable
ALTER TABLE "allocation" ADD COLUMN     "tracking_number" TEXT;

-- CreateTable
CREATE TABLE "warehouse_return" (
    "order_id" BIGINT NOT NULL,
    "return_id" TEXT NOT NULL,

    CONSTRAINT "warehouse_return_pkey" PRIMARY KEY ("order_id","return_id")
);

-- CreateTable
CREATE TABLE "payment_refund" (
    "order_id" BIGINT NOT NULL,
    "refund_id" TEXT NOT NULL,
    "amount" BIGINT NOT NULL,
    "status" TEXT NOT NULL,

    CONSTRAINT "payment_refund_pkey" PRIMARY KEY ("order_id","refund_id")
);
