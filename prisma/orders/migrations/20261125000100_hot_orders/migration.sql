-- An order's row is written about four times within a moment. With room on its page, and as long as no indexed column
-- changes, PostgreSQL writes the new version beside the old one and touches no index
ALTER TABLE "order" SET (fillfactor = 60);
