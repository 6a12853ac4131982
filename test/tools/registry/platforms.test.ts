import type { Architecture } from '../../../lib';
import { hasPlatformForArchitecture } from '../../../lib/tools/registry/platforms';

test.each<[Architecture, string, boolean]>([
  ['amd64', 'linux/amd64', true],
  ['amd64', 'linux/amd64/v1', true],
  ['amd64', 'linux/amd64/v3', false],
  ['amd64', 'windows/amd64', false],
  ['arm64', 'linux/arm64', true],
  ['arm64', 'linux/arm64/v8', true],
  ['arm64', 'linux/arm/v7', false],
  ['arm', 'linux/arm', true],
  ['arm', 'linux/arm/v6', true],
  ['arm', 'linux/arm/v8', false],
  ['arm', 'linux/arm64', false],
])('a node of %s runs an image for %s: %s', (architecture, platform, expected) => {
  const [os, ...rest] = platform.split('/');
  expect(hasPlatformForArchitecture(architecture, [{ os, architecture: rest[0], variant: rest[1] }])).toBe(
    expected,
  );
});
