// What pages talk to: the scratch project as files, the next page for a browser that waits, and the reports of pages.
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";
import { scratch } from "./scratch.mjs";

const types = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Pages by their number: { html, headers, resolve }. */
const pages = new Map();
/** Browsers by name: the page that each is to open, and the answer that waits for it. */
const browsers = new Map();

const routes = { next, report, page };

const server = createServer((request, response) => {
  const url = new URL(request.url, "http://127.0.0.1");
  const [, route, argument] = url.pathname.split("/");
  if (route in routes && argument) routes[route](argument, request, response);
  else file(url.pathname, response);
});

/** @returns the origin of the server */
export async function listen() {
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  server.unref();
  return `http://127.0.0.1:${server.address().port}`;
}

export function close() {
  server.closeAllConnections();
  server.close();
}

/** Has a browser open a page, and waits for its report. location: another server's page instead of `html`. */
export function open(browser, { html, headers = {}, location, query = "" }) {
  const number = pages.size + 1;
  const origin = `http://127.0.0.1:${server.address().port}`;
  const back = new URLSearchParams({ report: `${origin}/report/${number}`, next: `${origin}/next/${browser}` });
  const page = { ...Promise.withResolvers(), html, headers };
  pages.set(number, page);
  offer(browser, { location: `${location ?? `/page/${number}`}?${back}${query}` });
  return page.promise;
}

function next(browser, _, response) {
  offer(browser, { response });
}

/** A page and a browser that waits meet here, whichever comes first. */
function offer(browser, news) {
  const { location, response } = { ...browsers.get(browser), ...news };
  if (location === undefined || response === undefined || response.destroyed) {
    browsers.set(browser, { location, response });
    return;
  }
  browsers.delete(browser);
  response.writeHead(302, { location, "cache-control": "no-store" }).end();
}

function report(number, request, response) {
  let body = "";
  request.on("data", (text) => (body += text));
  request.on("end", () => {
    if (request.method === "POST") pages.get(Number(number))?.resolve(JSON.parse(body));
    response.writeHead(204, { "access-control-allow-origin": "*" }).end();
  });
}

function page(number, _, response) {
  const { html, headers } = pages.get(Number(number));
  response.writeHead(200, { "content-type": types[".html"], "cache-control": "no-store", ...headers }).end(html);
}

function file(pathname, response) {
  const path = join(scratch, normalize(decodeURIComponent(pathname)));
  if (!existsSync(path) || !statSync(path).isFile()) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" });
  createReadStream(path).pipe(response);
}
