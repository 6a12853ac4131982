import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { shardOf, shardPath } from '../../lib';
import { objectNameOfShard } from '../../lib/core/shards';
import { codeBlocks } from '../support/code-blocks';

const NODES = Array.from({ length: 1_000 }, (_, index) => `edge-${index}`);

test('a node has one shard, which its name alone decides', () => {
  expect(['edge-1', 'edge-2', 'plant-7.example.com'].map((node) => shardOf(node, 4))).toEqual([1, 3, 1]);
  expect(NODES.map((node) => shardOf(node, 1))).toEqual(NODES.map(() => 0));
});

test.each([2, 3, 4, 7])('%d shards get their share of nodes whose names are numbered', (shards) => {
  const counts = Array.from({ length: shards }, (_, shard) =>
    NODES.filter((node) => shardOf(node, shards) === shard),
  );
  for (const { length } of counts)
    expect(Math.abs(length - 1_000 / shards)).toBeLessThan(0.25 * (1_000 / shards));
});

test('the first shard is where an only one would be', () => {
  expect([0, 1, 12].map(shardPath)).toEqual(['', '/shard-1', '/shard-12']);
  expect([0, 1].map((shard) => objectNameOfShard('pushgateway', shard))).toEqual([
    'pushgateway',
    'pushgateway-shard-1',
  ]);
});

describe('the documentation for those who push by themselves', () => {
  const rows = [
    ...readFileSync('docs/fleets.md', 'utf8').matchAll(/^\| `([^`]+)` \| (\d) \| (\d) \| (\d) \|$/gm),
  ];

  test('has examples that are right', () => {
    expect(rows.length).toBeGreaterThan(2);
    for (const [, node = '', ...documented] of rows) {
      expect([node, ...documented.map(Number)]).toEqual([
        node,
        ...[2, 4, 7].map((count) => shardOf(node, count)),
      ]);
    }
  });

  test('has lines for a shell that find the same address', () => {
    const { code = '' } =
      codeBlocks('docs/fleets.md').find((block) => block.code.includes('sha256sum')) ?? {};
    for (const [, NODE_NAME = ''] of rows) {
      const env = {
        PATH: process.env.PATH,
        NODE_NAME,
        PUSHGATEWAY_SHARDS: '7',
        PUSHGATEWAY_URL: 'https://h',
      };
      const base = execFileSync('sh', ['-c', `${code}\necho "$base"`], { env, encoding: 'utf8' });
      expect(base).toBe(`https://h${shardPath(shardOf(NODE_NAME, 7))}\n`);
    }
  });
});
