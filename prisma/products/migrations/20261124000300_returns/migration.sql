-- CreateTable
CREATE TABLE "stock_return" (
    "order_id" BIGINT NOT NULL,
    "return_id" TEXT NOT NULL,
    "lines" JSONB NOT NULL,

    CONSTRAINT "stock_return_pkey" PRIMARY KEY ("order_id","return_id")
);
