# What `npm install openclaw` alone makes, to measure the image against: nothing pruned, nothing kept of a first start.
ARG PACKAGES
FROM ${PACKAGES}
COPY container/__init__.py container/entrypoint.py /app/container/
COPY container/agent /app/container/agent
ENV STATE_DIR=/state/openclaw CONTROL_DIR=/control NODE=/usr/local/bin/node PYTHONDONTWRITEBYTECODE=1
WORKDIR /app
VOLUME ["/state", "/control", "/tmp"]
USER 10001:10001
