// /etc/hosts and /etc/resolv.conf of a container.
import t from "tap";
import { renderHosts, renderResolvConf } from "../../src/network/file.ts";

t.test("hosts", async (t) => {
  const text = renderHosts({ hostname: "web", addresses: ["10.66.0.2"], aliases: ["www"], extra: [["db", "10.1.1.1"]] });
  t.match(text, /^127\.0\.0\.1\tlocalhost\n/);
  t.match(text, /\n10\.1\.1\.1\tdb\n10\.66\.0\.2\tweb www\n$/);
  t.match(
    renderHosts({ hostname: "web.example.org", addresses: ["10.66.0.2"] }),
    /\n10\.66\.0\.2\tweb\.example\.org web\n$/,
    "and the short name",
  );
  t.notMatch(renderHosts({ hostname: "web" }), /web/, "no address of its own, no line");
});

t.test("resolv.conf", async (t) => {
  t.equal(
    renderResolvConf({
      host: "# by hand\nsearch a b\nnameserver 127.0.0.1\nnameserver 192.0.2.1\noptions edns0\noptions rotate ndots:2\nsearch c\n",
    }),
    "nameserver 192.0.2.1\nsearch c\noptions edns0 rotate ndots:2\n",
  );
  t.equal(renderResolvConf({ host: "nameserver ::1\nnameserver fe80::1%eth0\n" }), "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
  t.equal(renderResolvConf({ host: "" }), "nameserver 8.8.8.8\nnameserver 8.8.4.4\n");
  t.equal(
    renderResolvConf({ host: "nameserver 127.0.0.53\nsearch lan\n", resolved: "nameserver 192.0.2.7\nsearch lan\n" }),
    "nameserver 192.0.2.7\nsearch lan\n",
    "the servers behind systemd-resolved",
  );
  t.equal(renderResolvConf({ host: "nameserver 192.0.2.1\n", resolved: "nameserver 192.0.2.7\n" }), "nameserver 192.0.2.1\n");
  const asked = { host: "nameserver 192.0.2.1\nsearch lan\noptions edns0\n", nameServer: "127.0.0.11" };
  t.equal(renderResolvConf(asked), "nameserver 127.0.0.11\nsearch lan\noptions edns0 ndots:0\n", "a server of its own");
  t.equal(
    renderResolvConf({ ...asked, nameservers: ["192.0.2.9"], search: ["."], options: ["ndots:2"] }),
    "nameserver 127.0.0.11\noptions ndots:2\n",
    "which asks those of --dns",
  );
  t.equal(
    renderResolvConf({ host: "nameserver 192.0.2.1\nsearch lan\n", nameservers: ["127.0.0.1"], search: ["."], options: ["rotate"] }),
    "nameserver 127.0.0.1\noptions rotate\n",
    "what was asked for is not questioned",
  );
});
