"""What runs leave on disk: results files, sample logs, tables and workbooks, submissions."""
