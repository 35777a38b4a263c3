-- CreateSchema
CREATE SCHEMA IF NOT EXISTS "public";

-- CreateTable
CREATE TABLE "order" (
    "id" BIGINT NOT NULL,
    "customer_id" TEXT NOT NULL,
    "idempotency_key" TEXT NOT NULL,
    "input_hash" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "lines" JSONB NOT NULL,
    "total" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "shipping_address" JSONB NOT NULL,
    "payment_method" TEXT NOT NULL,
    "saga" JSONB NOT NULL,
    "cancel_reason" TEXT,
    "version" INTEGER NOT NULL,
    "correlation_id" TEXT NOT NULL,
    "placed_at" TIMESTAMPTZ(3) NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,
    "check_at" TIMESTAMPTZ(3),
    "checks" INTEGER NOT NULL DEFAULT 0,
    "deadline_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "order_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "order_event" (
    "order_id" BIGINT NOT NULL,
    "version" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "summary" TEXT NOT NULL,

    CONSTRAINT "order_event_pkey" PRIMARY KEY ("order_id","version")
);

-- CreateTable
CREATE TABLE "payment" (
    "order_id" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "method" TEXT,
    "amount" BIGINT,
    "currency" TEXT,
    "redirect_url" TEXT,
    "reason" TEXT,
    "context" JSONB,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "payment_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "warehouse" (
    "id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "position" INTEGER NOT NULL,

    CONSTRAINT "warehouse_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "warehouse_stock" (
    "warehouse_id" TEXT NOT NULL,
    "sku_id" TEXT NOT NULL,
    "quantity" INTEGER NOT NULL,

    CONSTRAINT "warehouse_stock_pkey" PRIMARY KEY ("warehouse_id","sku_id")
);

-- CreateTable
CREATE TABLE "warehouse_adjustment" (
    "ledger_id" TEXT NOT NULL,

    CONSTRAINT "warehouse_adjustment_pkey" PRIMARY KEY ("ledger_id")
);

-- CreateTable
CREATE TABLE "allocation" (
    "order_id" BIGINT NOT NULL,
    "status" TEXT NOT NULL,
    "allocations" JSONB NOT NULL,
    "reason" TEXT,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "allocation_pkey" PRIMARY KEY ("order_id")
);

-- CreateTable
CREATE TABLE "sku_snapshot" (
    "id" TEXT NOT NULL,
    "product_id" TEXT NOT NULL,
    "code" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "options" JSONB NOT NULL,
    "price" BIGINT NOT NULL,
    "currency" TEXT NOT NULL,
    "archived" BOOLEAN NOT NULL,
    "version" INTEGER NOT NULL,

    CONSTRAINT "sku_snapshot_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "product_sale" (
    "product_id" TEXT NOT NULL,
    "sold" INTEGER NOT NULL,

    CONSTRAINT "product_sale_pkey" PRIMARY KEY ("product_id")
);

-- CreateTable
CREATE TABLE "worker_lease" (
    "worker_id" INTEGER NOT NULL,
    "holder" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "worker_lease_pkey" PRIMARY KEY ("worker_id")
);

-- CreateIndex
CREATE INDEX "order_customer_id_id_idx" ON "order"("customer_id", "id" DESC);

-- CreateIndex
CREATE INDEX "order_check_at_idx" ON "order"("check_at");

-- CreateIndex
CREATE UNIQUE INDEX "order_customer_id_idempotency_key_key" ON "order"("customer_id", "idempotency_key");
