"""What people see in a terminal: live tables, reports, charts."""
