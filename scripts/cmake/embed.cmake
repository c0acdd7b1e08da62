# Turns text files into a C file that defines catalog_blobs[].
#   cmake "-DFILES=a.yaml;b.yaml" -DOUT=blobs.c -P embed.cmake
set(code "/* Made from the YAML files of models/catalog by scripts/cmake/embed.cmake. */\n")
string(APPEND code "#include \"models/catalog/catalog.h\"\n\n")
set(table "")
set(i 0)
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" bytes HEX)
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
  string(REGEX REPLACE "(0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,0x..,)" "\\1\n    "
         bytes "${bytes}")
  string(APPEND code "static const unsigned char text_${i}[] = {\n    ${bytes}0x00,\n};\n\n")
  string(APPEND table
         "    {\"${name}\", (const char *)text_${i}, sizeof text_${i} - 1},\n")
  math(EXPR i "${i} + 1")
endforeach()
string(APPEND code "const SimBlob catalog_blobs[] = {\n${table}    {0},\n};\n")
file(WRITE "${OUT}" "${code}")
