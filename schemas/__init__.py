"""What is true: columns, forms, layouts, codes and reasons. Imports nothing of ours outside this package."""
