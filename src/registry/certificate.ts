// Certificates for connections to a registry: the host's authorities, and what docker's certs.d has for this HOST[:PORT]: authorities (*.crt),
// client certificates (*.cert with *.key). Reads files; knows no requests.
import { readdirSync, readFileSync } from "node:fs";
import { createSecureContext, type SecureContext } from "node:tls";
import { isErrno, KernelError, TsnsError } from "../base/error.ts";

/** Where distributions keep their authorities in one file; SSL_CERT_FILE comes first, as in OpenSSL and Go. */
const bundleFiles = [
  "/etc/ssl/certs/ca-certificates.crt",
  "/etc/pki/tls/certs/ca-bundle.crt",
  "/etc/ssl/ca-bundle.pem",
  "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
  "/etc/ssl/cert.pem",
];

interface HostCertificates {
  readonly authorities: readonly string[];
  readonly clients: readonly { readonly certificate: string; readonly key: string }[];
}

/** Throws TsnsError invalid `bad-certificate` naming the file, KernelError for one that cannot be read. */
export function secureContextFor(
  host: string,
  directories: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): SecureContext {
  const { authorities, clients } = readHostCertificates(host, directories);
  const bundle = readFirst([...(env.SSL_CERT_FILE ? [env.SSL_CERT_FILE] : []), ...bundleFiles]);
  // Without a bundle Node's own authorities stay; naming any replaces them.
  const ca = bundle === undefined && authorities.length === 0 ? undefined : [...(bundle === undefined ? [] : [bundle]), ...authorities];
  try {
    return createSecureContext({
      ...(ca ? { ca } : {}),
      ...(clients.length === 0 ? {} : { cert: clients.map(({ certificate }) => certificate), key: clients.map(({ key }) => key) }),
    });
  } catch (error) {
    throw new TsnsError(
      "invalid",
      "bad-certificate",
      `certificates for ${host} in ${directories.join(", ")}: ${error instanceof Error ? error.message : error}`,
      {
        hint: "they must be PEM, and each key must belong to its certificate",
        cause: error,
      },
    );
  }
}

function readHostCertificates(host: string, directories: readonly string[]): HostCertificates {
  const authorities: string[] = [];
  const clients: { certificate: string; key: string }[] = [];
  for (const directory of directories) {
    const place = `${directory}/${host}`;
    const names = listDirectory(place);
    for (const name of names.filter((name) => name.endsWith(".crt"))) authorities.push(readPem(`${place}/${name}`));
    for (const name of names.filter((name) => name.endsWith(".cert"))) {
      const key = `${name.slice(0, -".cert".length)}.key`;
      if (!names.includes(key)) throw missing(`${place}/${name}`, key);
      clients.push({ certificate: readPem(`${place}/${name}`), key: readPem(`${place}/${key}`) });
    }
    const lonely = names.find((name) => name.endsWith(".key") && !names.includes(`${name.slice(0, -".key".length)}.cert`));
    if (lonely !== undefined) throw missing(`${place}/${lonely}`, `${lonely.slice(0, -".key".length)}.cert`);
  }
  return { authorities, clients };
}

function missing(path: string, other: string): TsnsError {
  return new TsnsError("invalid", "bad-certificate", `${path}: ${other} is missing beside it`, {
    hint: "a client certificate is NAME.cert with NAME.key; an authority is NAME.crt",
  });
}

function listDirectory(path: string): readonly string[] {
  try {
    return readdirSync(path).sort();
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return [];
    throw kernelError("readdir", path, error);
  }
}

function readPem(path: string): string {
  try {
    const text = readFileSync(path, "latin1");
    if (text.includes("-----BEGIN ")) return text;
  } catch (error) {
    throw kernelError("read", path, error);
  }
  throw new TsnsError("invalid", "bad-certificate", `${path}: not PEM`, { hint: "openssl x509 -inform der -in FILE makes PEM of DER" });
}

function kernelError(syscall: string, path: string, error: unknown): unknown {
  return error instanceof Error && "code" in error ? new KernelError(syscall, String(error.code), path, { cause: error }) : error;
}

function readFirst(paths: readonly string[]): string | undefined {
  for (const path of paths) {
    try {
      return readFileSync(path, "latin1");
    } catch (error) {
      if (!isErrno(error, "ENOENT", "EACCES", "ENOTDIR")) throw error;
    }
  }
  return undefined;
}
