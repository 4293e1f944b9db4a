-- What orders say that are not on this laptop, as the server derives it: no amounts of single orders, no siblings.

-- The customer's first order, and whom it counts for.
CREATE TABLE customer_history (customer INTEGER PRIMARY KEY, first_day INTEGER NOT NULL, first_person TEXT NOT NULL);
-- Months with an order of the customer's, and who held the latest of each.
CREATE TABLE customer_history_month (
  customer INTEGER NOT NULL, month INTEGER NOT NULL, person TEXT NOT NULL, PRIMARY KEY (customer, month)) WITHOUT ROWID;
-- Sums of the units above the viewer's reach.
CREATE TABLE unit_figure (
  unit TEXT NOT NULL, month INTEGER NOT NULL, first_day INTEGER NOT NULL, last_day INTEGER NOT NULL,
  sales INTEGER NOT NULL, new_customers INTEGER NOT NULL, orders INTEGER NOT NULL, costed INTEGER NOT NULL,
  cost INTEGER NOT NULL, PRIMARY KEY (unit, month)) WITHOUT ROWID;
