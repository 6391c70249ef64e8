/** Where the generated types of the database are kept, from the project's root. */
export const typesFile = "types/database.generated.ts";
