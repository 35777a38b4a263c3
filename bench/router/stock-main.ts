import { ApolloGateway } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { stripSupergraph } from '../../router/src/testing/strip-supergraph.ts'
import { servePeer } from './peer.ts'

// As its documentation starts it. It cannot load a supergraph that guards fields, so nothing is guarded here.
await servePeer(async ({ supergraphSdl }) => {
  const gateway = new ApolloGateway({ supergraphSdl: stripSupergraph(supergraphSdl) })
  const { url } = await startStandaloneServer(new ApolloServer({ gateway }), {
    listen: { host: '127.0.0.1', port: 0 },
  })
  return url
})
