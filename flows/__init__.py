"""When: the command line, the Prefect flows and their steps. Only here a source file is opened or Prefect imported."""
