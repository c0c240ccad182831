// Keys of kernel settings and their files (sysctl(8)). The name of a link within a key may have dots of its own: eth0.100.

/** The file of "net.ipv4.ip_forward" or "net.ipv4.conf.eth0.100.rp_filter". The link's name stands between the third dot and the last. */
export function pathOfKey(key: string): string {
  const link = /^net\.(ipv4|ipv6)\.conf\.(.+)\.([a-z_]+)$/.exec(key);
  return link ? `/proc/sys/net/${link[1]}/conf/${link[2]}/${link[3]}` : `/proc/sys/${key.replaceAll(".", "/")}`;
}

/** The key as sysctl(8) takes it without doubt: with slashes where a name in it has dots. */
export function unambiguousKey(key: string): string {
  const path = pathOfKey(key).slice("/proc/sys/".length);
  return path.includes(".") ? path : key;
}
