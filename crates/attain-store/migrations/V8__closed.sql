-- Where in the server's order a month was closed: from then on its payouts are confirmed.
ALTER TABLE period ADD COLUMN seq INTEGER;
