export { type AgentSite, agentSite } from './agent-site';
export { EdgeAgent, type Sidecar, sidecarFromScript as sidecarOf } from './edge-agent';
