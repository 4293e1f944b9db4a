-- Who else agreed with a plan before it was published. Drafts themselves are sealed bodies.
ALTER TABLE plan ADD COLUMN approved_by TEXT;
