import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Registries } from '../../../lib/tools/registry/registry';

const CONFIGURATION = 'not JSON';

const MANIFEST = JSON.stringify({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: { digest: `sha256:${createHash('sha256').update(CONFIGURATION).digest('hex')}` },
});

const server = createServer(({ url = '' }, response) => {
  response.end(url.includes('/manifests/') ? MANIFEST : CONFIGURATION);
});

beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve())));

afterAll(() => new Promise((resolve) => server.close(resolve)));

test('the error for an invalid image configuration names the configuration, not the manifest', async () => {
  const { port } = server.address() as AddressInfo;
  const registries = new Registries({ timeout: 10_000, plainHttp: [] });
  await expect(registries.queryImage(`127.0.0.1:${port}/team/app:v1`)).rejects.toThrow(
    `the configuration of 127.0.0.1:${port}/team/app:v1 in the registry is not a JSON object`,
  );
});
