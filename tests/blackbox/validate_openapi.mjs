// Asks a validator that is not ours about the OpenAPI document on standard input. Prints one JSON
// object: {"valid", "version", "errors"}.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const validator = new Validator();
const result = await validator.validate(JSON.parse(readFileSync(0, "utf8")));
console.log(JSON.stringify({ ...result, version: validator.version }));
