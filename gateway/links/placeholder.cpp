// placeholder, removed when the folder gets its first source
