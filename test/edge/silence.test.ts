import type { Duration } from '../../lib';
import { alertAndRecordingRulesAboutReachability } from '../../lib/edge/fleet/reachability.rules';
import type { RuledNodes } from '../../lib/edge/ruled-nodes';

const verifySilentAfter = (silentAfter: Duration | undefined, ...nodes: RuledNodes[]) => {
  alertAndRecordingRulesAboutReachability({ silentAfter }, {}, nodes);
};

const pushing = { group: 'north', transport: 'pushgateway' } as const;
const writing = { group: 'vehicles', transport: 'remote-write' } as const;

describe('a silence', () => {
  test('is as long as two pushes and the time until they are read, or longer', () => {
    const nodes = { ...pushing, interval: '1m', scrapeInterval: '30s' } as const;
    expect(() => verifySilentAfter('150s', nodes)).not.toThrow();
    expect(() => verifySilentAfter('149s', nodes)).toThrow(
      'rules of edge-reachability: threshold silentAfter is "149s"; allowed: "150s" or more, because nodes of group north ' +
        'push every 1m and their Pushgateway is scraped every 30s: increase silentAfter, or shorten the push interval',
    );
  });

  test('is as long as an agent needs to tell of itself twice and a batch waits, however often the agent measures', () => {
    const nodes = { ...writing, interval: '5s', batchWait: '10s' } as const;
    expect(() => verifySilentAfter('130s', nodes)).not.toThrow();
    expect(() => verifySilentAfter('2m', nodes)).toThrow(
      'threshold silentAfter is "2m"; allowed: "130s" or more, because agents of nodes of group vehicles report every 60s ' +
        'and collect batches for 10s: increase silentAfter, or shorten sending.batchWait of these nodes',
    );
    expect(() => verifySilentAfter('5m', { ...writing, interval: '1h' })).not.toThrow();
  });

  test('is compared with what nodes do of whom nobody says how', () => {
    expect(() => verifySilentAfter('30s', pushing)).not.toThrow();
    expect(() => verifySilentAfter('29s', pushing)).toThrow(
      /"30s" or more, because .* push every 10s and their Pushgateway is scraped every 10s/,
    );
    expect(() => verifySilentAfter('174s', writing)).not.toThrow();
    expect(() => verifySilentAfter('173s', writing)).toThrow(
      /"174s" or more, because .* collect batches for 54s/,
    );
  });

  test('is told of before its node is forgotten', () => {
    expect(() => alertAndRecordingRulesAboutReachability({ silentAfter: '8d' })).toThrow(
      'rules of edge-reachability: threshold forgetAfter is "7d"; allowed: longer than silentAfter, which is "8d"; ' +
        'otherwise a node leaves the fleet before an alert fires',
    );
    expect(() => alertAndRecordingRulesAboutReachability({ silentAfter: '5m', forgetAfter: '5m' })).toThrow(
      /forgetAfter is "5m"/,
    );
    expect(() =>
      alertAndRecordingRulesAboutReachability({ silentAfter: '5m', forgetAfter: '6m' }),
    ).not.toThrow();
  });

  test('that nobody chose is compared, too', () => {
    expect(() => verifySilentAfter(undefined, { ...pushing, interval: '2m' })).not.toThrow();
    expect(() => verifySilentAfter(undefined, { ...pushing, interval: '5m' })).toThrow(
      /silentAfter is "5m"; allowed: "610s" or more/,
    );
  });

  test('is long enough for the group that is heard of most seldom', () => {
    const south = { ...pushing, group: 'south', interval: '20s' } as const;
    for (const nodes of [
      [pushing, south, writing],
      [writing, south, pushing],
    ]) {
      expect(() => verifySilentAfter('1m', ...nodes)).toThrow(
        /"174s" or more, because agents of nodes of group vehicles/,
      );
    }
    expect(() => verifySilentAfter('49s', pushing, south)).toThrow(
      /"50s" or more, because nodes of group south/,
    );
  });

  test('is anything where nobody knows the nodes', () => {
    expect(() => verifySilentAfter('1s')).not.toThrow();
  });
});

describe('signs of life', () => {
  const interval = (silentAfter: Duration | undefined, ...nodes: RuledNodes[]) =>
    alertAndRecordingRulesAboutReachability({ silentAfter }, {}, nodes).ruleGroups.find(
      ({ name }) => name === 'edge-membership',
    )?.interval;

  test('are read every two minutes, as long as no node counts as silent meanwhile', () => {
    expect(interval(undefined)).toBe('2m');
    expect(interval('5m', pushing, writing)).toBe('2m');
    expect(interval('5m', { ...pushing, interval: '1m' })).toBe('2m');
  });

  test('are read more often where silence is told of earlier, or nodes are heard of more seldom', () => {
    expect(interval('150s', pushing)).toBe('2m');
    expect(interval('149s', pushing)).toBe('1m');
    expect(interval('89s', pushing)).toBeUndefined();
    expect(interval('5m', { ...pushing, interval: '2m' })).toBeUndefined();
    expect(interval('234s', writing)).toBe('1m');
    expect(interval('233s', writing)).toBeUndefined();
  });
});
