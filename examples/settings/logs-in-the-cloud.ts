import { replicated, type Settings } from 'cdk8s-edge-observability';

export const settings: Settings = {
  cluster: 'north',
  hosts: { metrics: 'push.example.com', logs: 'logs.example.com' },
  loki: {
    deployment: replicated({
      objectStorage: {
        bucket: 'edge-logs',
        region: 'eu-1',
        endpoint: 'https://s3.example.com',
        credentialsSecretName: 'bucket',
      },
    }),
    streamRetention: [{ selector: '{namespace="audit"}', period: '365d' }],
  },
};
