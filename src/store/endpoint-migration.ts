// From the store of one IPv4 network per container to several, of both families: what version 7 had in single members becomes lists.

/** The names that others on its network find the holder of an address by, with spaces between. */
export const leaseNames = "ALTER TABLE address_lease ADD COLUMN names TEXT NOT NULL DEFAULT '';";

/** json_patch drops members that are null. */
export const endpointMigration = `
${leaseNames}
UPDATE container SET spec = json_remove(
  json_set(spec, '$.attachments', CASE WHEN spec ->> '$.network.mode' = 'bridge'
    THEN json_array(json_patch(
      json_object('network', spec ->> '$.network.network'), json_object('ipv4', spec ->> '$.address', 'mac', spec ->> '$.mac')))
    ELSE json_array() END),
  '$.address', '$.mac');
UPDATE container SET state = json_remove(
  json_set(state, '$.run.endpoints', CASE WHEN state -> '$.run.endpoint' IS NULL THEN json_array() ELSE json_array(json_object(
    'network', state ->> '$.run.endpoint.network', 'link', 'eth0',
    'ipv4', json_object(
      'address', state ->> '$.run.endpoint.address',
      'prefixLength', state ->> '$.run.endpoint.prefixLength',
      'gateway', state ->> '$.run.endpoint.gateway'),
    'mac', state ->> '$.run.endpoint.mac', 'hostLink', state ->> '$.run.endpoint.hostLink',
    'ports', json(state -> '$.run.endpoint.ports'))) END),
  '$.run.endpoint') WHERE state -> '$.run' IS NOT NULL;
UPDATE network SET spec = json_remove(
  json_set(spec, '$.spec.pools', json_array(json_patch(
    json_object('subnet', spec ->> '$.spec.subnet', 'gateway', spec ->> '$.spec.gateway'),
    json_object('ipRange', spec ->> '$.spec.ipRange')))),
  '$.spec.subnet', '$.spec.gateway', '$.spec.ipRange');
`;
