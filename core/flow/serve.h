/*
 * serve.h - the desk's two sockets: one for front, one for embargoctl and delivery agents.
 *
 * Promises: each connection is one request and one answer, with deadlines, on a thread of its own,
 * at most SERVE_CONNECTIONS_MAX at once. On the control socket the peer's user decides who it is;
 * who is no coordinator may only hand in mail, and our own workers not even that.
 */
#ifndef FLOW_SERVE_H
#define FLOW_SERVE_H

#include "flow/desk.h"
#include "flow/users.h"

enum { SERVE_CONNECTIONS_MAX = 128, SERVE_REQUEST_MS = 30 * 1000 };

struct server {
    struct desk *desk;
    int sock;
    bool control;       /* embargoctl's socket */
    struct users users; /* control: whose workers are turned away */
};

/* Loop of one thread; ends when the desk stops. arg: struct server, which outlives it. */
void *serve_run(void *arg);

/* Waits until no connection is being served any more, at most ms. */
void serve_drain(int ms);

#endif
