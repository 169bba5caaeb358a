"""Memory: everything accepted, with two times and its lineage. The only importer of duckdb.

`connection.open_warehouse` opens the private file; what is written in a run goes through one `Warehouse.transaction`;
`release.publish` makes the file analysts open; `reading.Reader` reads it.
"""

from warehouse.connection import Warehouse, open_warehouse
from warehouse.errors import ChecksFailedError, WarehouseError

__all__ = ["ChecksFailedError", "Warehouse", "WarehouseError", "open_warehouse"]
