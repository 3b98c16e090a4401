// Prints the Postman collection of openapi/openapi.json: the converter's, with assertions, and the same each time.
import { createHash } from "node:crypto";
import { promisify } from "node:util";
import converter from "openapi-to-postmanv2";
import { answers, operations, read, resolve } from "./document.mjs";

const document = read("openapi/openapi.json");

/** A value of a schema without chance in it: the converter's own are drawn by lot and by the clock. */
function sample(given) {
  const schema = resolve(document, given);
  const said = [schema.examples?.[0], schema.default, schema.const, schema.enum?.[0]].find((value) => value !== undefined);
  if (said !== undefined) return said;
  const choice = (schema.oneOf ?? schema.anyOf ?? schema.allOf)?.find((one) => one.type !== "null");
  if (choice) return sample(choice);
  // "Not blank" is a pattern that any text meets.
  if (schema.pattern && schema.pattern !== "\\S") throw new Error(`needs an example: ${JSON.stringify(schema)}`);
  switch ([schema.type].flat().find((type) => type !== "null")) {
    case "object":
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([key, value]) => [key, sample(value)]));
    case "array":
      return [sample(schema.items)];
    case "boolean":
      return false;
    case "integer":
    case "number":
      return Math.max(schema.minimum ?? 1, 1);
    default:
      return FORMATS[schema.format] ?? "text";
  }
}
const FORMATS = {
  date: "2020-03-07",
  "date-time": "2020-03-07T00:00:00Z",
  uuid: "0193d2a4-5c00-7000-8000-000000000001",
  email: "someone@example.cn",
  uri: "https://example.cn/",
};

for (const { operation, parameters } of operations(document)) {
  const contents = [operation.requestBody, ...Object.values(operation.responses)].map((one) => resolve(document, one)?.content);
  const media = contents.flatMap((content) => Object.values(content ?? {}));
  for (const one of [...parameters, ...media]) {
    if (one.example === undefined && one.examples === undefined) one.example = sample(one.schema);
  }
}

const byName = new Map(operations(document).map((one) => [`${one.method} ${one.path}`, one]));

const result = await promisify(converter.convertV2.bind(converter))(
  { type: "json", data: structuredClone(document) },
  {
    folderStrategy: "Tags",
    parametersResolution: "Example",
    // Optional parameters stand in the collection, switched off.
    enableOptionalParameters: false,
    includeAuthInfoInExample: false,
  },
);
if (!result.result) throw new Error(result.reason);
const collection = result.output[0].data;

/** An id from what it names, in the shape of a UUID: the converter's own are random. */
function idOf(name) {
  const hex = createHash("sha256").update(name).digest("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");
}

/** What Postman runs after a request: the answer is one that the document declares. */
function assertions({ operation, method, path, parameters }) {
  const roles = operation["x-roles"] ?? [];
  // Guessing is slowed where one logs in; elsewhere a 429 would mean that nothing was tried.
  const slowed = path.startsWith("/api/v1/auth/") ? "" : ".and.not.equal(429)";
  const lines = [
    `const declared = ${JSON.stringify(answers(document, operation))};`,
    "const { code } = pm.response;",
    'pm.test("answers as the document declares", () => {',
    "  pm.expect(declared, `status ${code}: ${pm.response.text()}`).to.have.property(code);",
    `  pm.expect(code, pm.response.text()).to.be.below(500)${slowed};`,
    "});",
    'pm.test("in a media type that the document declares", () => {',
    '  const type = (pm.response.headers.get("Content-Type") ?? "").split(";")[0];',
    "  if (pm.response.text()) pm.expect(declared[code] ?? []).to.include(type);",
    "});",
  ];
  if (operation.security?.length !== 0) {
    lines.push('pm.test("is asked with a token that holds", () => pm.expect(code).to.not.equal(401));');
  }
  const bare = !path.includes("{") && !parameters.some((one) => one.required);
  if (method === "get" && bare) {
    lines.push(
      `const roles = ${JSON.stringify(roles)};`,
      'if (roles.length === 0 || roles.includes(pm.environment.get("role"))) {',
      '  pm.test("is there for this role", () => pm.expect(code).to.equal(200));',
      "}",
    );
  }
  return { listen: "test", script: { type: "text/javascript", exec: lines } };
}

function finish(item, folder) {
  if (item.item) {
    item.id = idOf(`${folder}/${item.name}`);
    item.item.forEach((child) => finish(child, item.name));
    return;
  }
  const { request } = item;
  // A parameter that is no whole segment (`{secret}.ics`) is a variable to the converter.
  const template = (part) => (part.startsWith(":") ? `{${part.slice(1)}}` : part.replace("{{", "{").replace("}}", "}"));
  const path = `/${request.url.path.map(template).join("/")}`;
  const name = `${request.method.toLowerCase()} ${path}`;
  const one = byName.get(name);
  if (!one) throw new Error(`the collection has ${name}, the document has not`);
  byName.delete(name);
  item.id = idOf(name);
  // The converter makes up the values of a form's fields.
  for (const field of request.body?.formdata ?? []) {
    const schema = resolve(document, one.operation.requestBody.content["multipart/form-data"].schema);
    if (field.type === "text") field.value = String(sample(schema.properties[field.key]));
  }
  item.event = [assertions(one)];
  // Public operations are called without a token, all others with the collection's.
  if (one.operation.security?.length === 0) request.auth = { type: "noauth" };
  else delete request.auth;
  // Saved answers are the good ones, once: the problems are the same for all.
  item.response = item.response
    .filter((response) => response.code < 300)
    .map(({ name: text, status, code, header, body }) => ({
      id: idOf(`${name} ${code} ${text}`),
      name: text,
      status,
      code,
      header: header.filter((one) => !one.disabled),
      body,
    }));
}

/** What ends the session stands last, the log-out at the very end: all the rest needs it. */
const ENDING = ["api/v1/me/password", "api/v1/auth/logout"];
function endingLast(folders) {
  const ending = [];
  const place = (item) => ENDING.indexOf(item.request?.url.path.join("/"));
  const without = (items) =>
    items.flatMap((item) => {
      if (item.item) return [{ ...item, item: without(item.item) }];
      if (place(item) < 0) return [item];
      ending.push(item);
      return [];
    });
  const rest = without(folders).filter((item) => !item.item || item.item.length > 0);
  return [...rest, { name: "end of the session", item: ending.sort((one, other) => place(one) - place(other)) }];
}

delete collection.event;
collection.item = endingLast(collection.item);
collection.item.forEach((item) => finish(item, ""));
if (byName.size > 0) throw new Error(`not in the collection: ${[...byName.keys()].join(", ")}`);
collection.info._postman_id = idOf(document.info.title);
collection.variable = [{ key: "baseUrl", value: "http://127.0.0.1:8080" }];
console.log(JSON.stringify(collection, null, 1));
