"""What an object is made of: programs, sections, externs, maps; and what is wrong with it by itself."""
