-- AlterTable: events keep what they said. Those from before have only their sentence, and schema version 0
ALTER TABLE "order_event" ADD COLUMN     "data" JSONB,
ADD COLUMN     "schema_version" SMALLINT NOT NULL DEFAULT 0,
ALTER COLUMN "summary" DROP NOT NULL;

-- History is append-only. \x3b is the semicolon that PL/pgSQL asks for and that the migrations' splitter must not see
CREATE FUNCTION order_event_is_append_only() RETURNS trigger LANGUAGE plpgsql
AS E'BEGIN RAISE EXCEPTION \'order_event is append-only\' USING ERRCODE = \'restrict_violation\'\x3b END';

CREATE TRIGGER order_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON "order_event"
FOR EACH STATEMENT EXECUTE FUNCTION order_event_is_append_only();
