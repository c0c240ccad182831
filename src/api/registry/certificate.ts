// The certificate a server shows, and that it is read again when its files change: those who renew one need not end the server.
import { statSync } from "node:fs";

export interface Certificate {
  readonly cert: string | Buffer;
  readonly key: string | Buffer;
}

export interface CertificateFiles {
  readonly certPath: string;
  readonly keyPath: string;
  /** Reads both files. Throws when one cannot be read. */
  read(): Certificate;
  /** Told once of each change that cannot be used: the certificate before it stays. */
  warn(text: string): void;
}

/** Called before each handshake: has `use` take the files when they are others than the last time. */
export function watchCertificate(files: CertificateFiles, use: (certificate: Certificate) => void): () => void {
  let version = versionOf(files);
  return () => {
    const now = versionOf(files);
    if (now === version) return;
    version = now;
    try {
      use(files.read());
    } catch (error) {
      files.warn(`the old certificate stays: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

/** A file that is written anew has another number, size or time. */
function versionOf({ certPath, keyPath }: CertificateFiles): string {
  return [certPath, keyPath]
    .map((path) => statSync(path, { throwIfNoEntry: false }))
    .map((stat) => (stat ? `${stat.ino} ${stat.size} ${stat.mtimeMs}` : "none"))
    .join(" / ");
}
