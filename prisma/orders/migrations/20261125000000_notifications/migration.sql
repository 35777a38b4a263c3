-- CreateTable
CREATE TABLE "notification" (
    "order_id" BIGINT NOT NULL,
    "kind" TEXT NOT NULL,
    "ref" TEXT NOT NULL DEFAULT '',
    "status" TEXT NOT NULL,
    "details" JSONB NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3),
    "uncertain_since" TIMESTAMPTZ(3),
    "provider_message_id" TEXT,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "sent_at" TIMESTAMPTZ(3),

    CONSTRAINT "notification_pkey" PRIMARY KEY ("order_id","kind","ref")
);

-- CreateIndex
CREATE INDEX "notification_next_attempt_at_idx" ON "notification"("next_attempt_at");
