import type { ScrapeConfig } from '../contracts/scrape-target';
import type { CloudWorkload } from '../core/cloud-workload';

/** Returns a job that scrapes all pods of a workload, of which its headless Service has an address each. */
export const podsScrapeJob = (workload: CloudWorkload, service = workload.name): ScrapeConfig => ({
  job_name: workload.name,
  dns_sd_configs: [
    { names: [`${service}.${workload.namespace}.svc`], type: 'A', port: workload.server('http').port },
  ],
});
