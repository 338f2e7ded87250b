"""What people edit, as read: fact files, their one form, and the ledger of the tables they came from."""
