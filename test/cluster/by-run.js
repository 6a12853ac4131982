/** Refuses to run the tests by Jest alone, which neither looks at the cluster first nor cleans it up after a signal. */
module.exports = () => {
  if (process.env.E2E_CLUSTER_RUN !== 'yes')
    throw new Error('run the cluster suite by npm run test:cluster -- FILE...');
};
