import type { DockerDriverOptions } from '../../lib/host/docker-driver-options';

/** Required options. */
export const required = { host: 'logs.example.com', cluster: 'reference' };

/** Every option, so that none can be forgotten. */
export const all: Required<DockerDriverOptions> = {
  ...required,
  node: 'edge-1',
  group: 'north',
  labels: { site: 'o-hara', rack_2: 'a.b:c' },
  version: '3.5.7',
  mirror: 'harbor.example.com/dockerhub',
  maxSize: '10m',
  maxFile: 3,
  retries: 4,
  maxBackoff: '2s',
  timeout: '500ms',
  maxBufferSize: '1m',
  tlsCaFile: '/etc/ca.pem',
  proxy: 'http://proxy.example.com:3128',
  proxyCredentialsFile: '/opt/edge/proxy-credentials',
  batchSize: 65_536,
  batchWait: '5s',
  scriptPath: '/opt/edge/docker-driver',
  credentialsFile: '/opt/edge/credentials',
  restart: true,
};
