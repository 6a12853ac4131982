export { type AgentLayout, resolveAgentLayout } from './agent-layout';
export { EdgeAgent, type Sidecar, sidecarFromScript } from './edge-agent';
