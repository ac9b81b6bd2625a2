# Takes the C++ of docs/dsl.md: its ```cpp blocks, one after the other, are one program.
/^```cpp$/ { printf "#line %d \"%s\"\n", NR + 1, FILENAME; inside = 1; next }
/^```/ { inside = 0 }
inside { print }
