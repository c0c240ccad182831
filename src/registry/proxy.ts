// Which proxy a URL goes through, by the rules that curl, Go and so docker have for HTTP_PROXY, HTTPS_PROXY and NO_PROXY. Pure.
import { hostName, inBlock, isLoopback } from "./endpoint.ts";
import { type ProxySettings, splitNoProxy } from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Lower-case names win, as in curl; HTTP_PROXY in capitals is what a CGI program gets from a client's header, so not there. */
export function proxiesOfEnvironment(env: Environment, base: ProxySettings): ProxySettings {
  const either = (name: string) => env[name.toLowerCase()] || env[name] || undefined;
  const http = env.REQUEST_METHOD === undefined ? either("HTTP_PROXY") : env.http_proxy || undefined;
  const none = either("NO_PROXY");
  return {
    http: withScheme(http) ?? base.http,
    https: withScheme(either("HTTPS_PROXY")) ?? base.https,
    none: none === undefined ? base.none : splitNoProxy(none),
  };
}

function withScheme(proxy: string | undefined): string | undefined {
  return proxy === undefined || /^[a-z][a-z0-9+.-]*:\/\//i.test(proxy) ? proxy : `http://${proxy}`;
}

/** The proxy for a URL; undefined: none. Loopback is never proxied. */
export function proxyFor(url: URL, { http, https, none }: ProxySettings): string | undefined {
  const proxy = url.protocol === "https:" ? https : http;
  const port = url.port || (url.protocol === "https:" ? "443" : "80");
  const name = hostName(url.host);
  if (proxy === undefined || isLoopback(name)) return undefined;
  return none.some((entry) => isExcluded(name, port, entry)) ? undefined : proxy;
}

function isExcluded(name: string, port: string, entry: string): boolean {
  if (entry === "*") return true;
  if (inBlock(name, entry)) return true;
  const [, host = entry, wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  if (wantedPort !== undefined && wantedPort !== port) return false;
  const bare = host.replace(/^\*?\./, "").toLowerCase();
  const lower = name.toLowerCase();
  // ".example.org" means the names below it only, "example.org" itself as well
  return (lower === bare && bare === host.toLowerCase()) || lower.endsWith(`.${bare}`);
}
