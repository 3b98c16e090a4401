// The committed document and what the tools around it ask of it.
import { readFileSync } from "node:fs";

const METHODS = ["get", "put", "post", "patch", "delete"];

export const read = (path) => JSON.parse(readFileSync(path, "utf8"));

/** What a local `$ref` stands for. */
export const resolve = (document, value) =>
  value?.$ref
    ? value.$ref
        .slice(2)
        .split("/")
        .reduce((at, key) => at[key.replaceAll("~1", "/").replaceAll("~0", "~")], document)
    : value;

/** Each operation with its path and method. */
export function operations(document) {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({
      path,
      method,
      operation: item[method],
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])].map((one) => resolve(document, one)),
    })),
  );
}

/** The media types of each answer that an operation declares, by status. */
export const answers = (document, operation) =>
  Object.fromEntries(
    Object.entries(operation.responses).map(([status, response]) => [
      status,
      Object.keys(resolve(document, response).content ?? {}),
    ]),
  );
