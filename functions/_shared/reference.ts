import { notFound } from "./problem.ts";

const assetTypes: Readonly<Record<string, string>> = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
  "favicon-32x32.png": "image/png",
};

// A script of its own, since the page's policy lets no inline script run.
const startScript = `SwaggerUIBundle({ url: "openapi.json", dom_id: "#reference", deepLinking: true, validatorUrl: null });`;

const pagePolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'", // the viewer sets style attributes
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The page that shows a system's OpenAPI document. It loads nothing from elsewhere. */
export function referencePage(title: string): Response {
  const headers = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": pagePolicy,
    "X-Content-Type-Options": "nosniff",
  };
  return new Response(page(title), { headers });
}

/** A file of the reference page; throws a Problem (404) for any other name. */
export async function referenceAsset(name: string): Promise<Response> {
  if (name === "start.js") return asset(startScript, "text/javascript; charset=utf-8");
  const type = Object.hasOwn(assetTypes, name) && assetTypes[name];
  if (!type) throw notFound();
  // Modules are all that every way of deploying takes along; half a megabyte is read in by those who ask for it only.
  const { default: files } = await import("./reference-viewer.generated.ts");
  const packed = Uint8Array.from(atob(files[name] ?? ""), (sign) => sign.charCodeAt(0));
  return asset(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip")), type);
}

function asset(body: BodyInit, type: string): Response {
  return new Response(body, { headers: { "Content-Type": type, "Cache-Control": "public, max-age=3600" } });
}

// Addresses are relative to the page's own, so that it works behind any gateway and prefix.
function page(title: string): string {
  return `<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title} — référence de l'API</title>
<link rel="icon" href="reference/favicon-32x32.png">
<link rel="stylesheet" href="reference/swagger-ui.css">
</head>
<body>
<div id="reference"></div>
<script src="reference/swagger-ui-bundle.js"></script>
<script src="reference/start.js"></script>
</body>
</html>
`;
}
