// nginx, redis and PostgreSQL from Debian's packages on a network of their own, under load from containers and from the host,
// by name, by both families' addresses and by published ports; from another network only as published.
import t, { type Test } from "tap";
import { type DataRoot, makeRoot } from "../fixture/data-root.ts";
import { bootstrapDebian } from "../fixture/debian.ts";
import { needRoot } from "../fixture/root.ts";

const packages = ["nginx-light", "redis-server", "postgresql-15", "apache2-utils"];
const image = "programs";

const postgres = `set -e; d=/tmp/cluster; p=/usr/lib/postgresql/15/bin
$p/initdb -D $d -A trust > /dev/null; echo 'host all all all trust' >> $d/pg_hba.conf
exec $p/postgres -D $d -k /tmp -c listen_addresses='*' -c fsync=off`;

const bracketed = (host: string) => (host.includes(":") ? `[${host}]` : host);

interface Program {
  readonly name: string;
  readonly port: number;
  readonly options: readonly string[];
  readonly argv: readonly string[];
  /** Succeeds inside the container once it serves. */
  readonly ready: string;
  /** The load of its own generator. */
  load(host: string, port: number): string;
  /** What the generator says when every request was answered. */
  readonly done: RegExp;
}

const programs: readonly Program[] = [
  {
    name: "web",
    port: 80,
    options: [],
    argv: ["nginx", "-g", "daemon off;"],
    ready: "ab -q -n 1 http://localhost/",
    load: (host, port) => `ab -q -l -n 200 -c 8 http://${bracketed(host)}:${port}/`,
    done: /Complete requests: +200\nFailed requests: +0\n/,
  },
  {
    name: "cache",
    port: 6379,
    options: [],
    argv: ["redis-server", "--bind", "*", "-::*", "--protected-mode", "no", "--save", ""],
    ready: "redis-cli ping | grep PONG",
    load: (host, port) => `redis-benchmark -h ${host} -p ${port} -n 1000 -c 8 -t set,get --csv`,
    done: /"SET","[\d.]+".*\n"GET","[\d.]+"/,
  },
  {
    name: "db",
    port: 5432,
    options: ["--user", "postgres"],
    argv: ["sh", "-c", postgres],
    ready: "pgbench -q -i -h /tmp -U postgres postgres",
    load: (host, port) => `pgbench -n -h ${host} -p ${port} -U postgres -c 4 -t 25 postgres`,
    done: /number of transactions actually processed: 100\/100/,
  },
];

const addressesOf = async (root: DataRoot, name: string): Promise<readonly string[]> => {
  const template = "{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.GlobalIPv6Address}}{{end}}";
  return (await root.ok(["inspect", "-f", template, name])).split(" ").filter((address) => address !== "");
};

async function begin(root: DataRoot, { name, port, options, argv, ready }: Program): Promise<void> {
  await root.ok(["run", "-d", "--rm", "--name", name, "--network", "shop", "-p", `${port}`, ...options, image, ...argv]);
  const { code, stdout, stderr } = await root.tsns(["exec", name, "timeout", "90", "sh", "-c", `until ${ready}; do sleep 0.1; done`], {
    timeoutMs: 100_000,
  });
  if (code !== 0) throw new Error(`${name} does not serve: ${stdout}${stderr}`);
}

/** Host ports of a program by family: "0.0.0.0:32768", "[::]:32768". */
async function publishedOf(root: DataRoot, { name, port }: Program): Promise<readonly (readonly [host: string, port: number])[]> {
  const lines = (await root.ok(["port", name, `${port}`])).split("\n");
  return lines.map((line) => [line.startsWith("[") ? "::1" : "127.0.0.1", Number(/:(\d+)$/.exec(line)?.[1])]);
}

async function expectServed(t: Test, root: DataRoot, program: Program): Promise<void> {
  const from = async (place: string, host: string, port: number) => {
    const { code, stdout, stderr } = await root.tsns(["exec", place, "sh", "-c", `{ timeout 20 ${program.load(host, port)}; } 2>&1`]);
    t.match({ code, said: stdout + stderr }, { code: 0, said: program.done }, `${program.name} from ${place} by ${host}`);
  };
  const addresses = await addressesOf(root, program.name);
  t.equal(addresses.length, 2, "an address of each family");
  const published = await publishedOf(root, program);
  t.same(published.map(([host]) => host).sort(), ["127.0.0.1", "::1"], "published on both families");
  await from("near", program.name, program.port);
  for (const address of addresses) {
    await from("near", address, program.port);
    await from("outside", address, program.port);
  }
  for (const [host, port] of published) await from("outside", host, port);
  const gateways = (await root.ok(["network", "inspect", "-f", "{{range .IPAM.Config}}{{.Gateway}} {{end}}", "other"])).trim().split(" ");
  for (const gateway of gateways) {
    const port = published.find(([host]) => host.includes(":") === gateway.includes(":"))?.[1] ?? 0;
    await from("apart", gateway, port);
  }
}

/** Nobody of another network reaches a program by its own address or name. */
async function expectPrivate(t: Test, root: DataRoot, { name, port }: Program): Promise<void> {
  for (const host of [name, ...(await addressesOf(root, name))]) {
    const asked = await root.tsns(["exec", "apart", "timeout", "1", "bash", "-c", `exec 3<> /dev/tcp/${host}/${port}`]);
    t.not(asked.code, 0, `${name} by ${host} from another network`);
  }
}

t.test("programs under load", { ...needRoot, timeout: 400_000 }, async (t) => {
  const root = makeRoot(t);
  await bootstrapDebian(root, image, packages);
  await root.ok(["network", "create", "--ipv6", "shop"]);
  await root.ok(["network", "create", "--ipv6", "other"]);
  const generators = [
    ["near", "shop"],
    ["apart", "other"],
    ["outside", "host"],
  ] as const;
  for (const [name, network] of generators)
    await root.ok(["run", "-d", "--rm", "--name", name, "--network", network, image, "sleep", "10000"]);
  await Promise.all(programs.map((program) => begin(root, program)));
  for (const program of programs) {
    await t.test(program.name, async (t) => {
      await expectServed(t, root, program);
      await expectPrivate(t, root, program);
    });
  }
});
