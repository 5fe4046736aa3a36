"""Items of a source: collected, named, declared; their types read, their facts asked once."""
