//! Texts that would do something if they were run, and one that not every database keeps.

pub const SQL: [&str; 7] = [
    "'; DROP TABLE record; --",
    "\"; DELETE FROM account; --",
    "x' OR '1'='1",
    "1); UPDATE account SET disabled = 1; --",
    "$1; SELECT pg_sleep(60); --",
    "%_\\' UNION SELECT password FROM account --",
    "nul \0 and after",
];
