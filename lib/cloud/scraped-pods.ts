import type { ScrapeConfig } from '../contracts/scrape-target';
import type { CloudWorkload } from '../core/cloud-workload';

/**
 * Returns a scrape job for all pods of a workload. Prometheus finds the pods by DNS, because a headless
 * Service has one address for each pod.
 * @param service name of the headless Service
 */
export const scrapeJobForPods = (workload: CloudWorkload, service = workload.name): ScrapeConfig => ({
  job_name: workload.name,
  dns_sd_configs: [
    {
      names: [`${service}.${workload.namespace}.svc`],
      type: 'A',
      port: workload.serverForNetworkPolicies('http').port,
    },
  ],
});
