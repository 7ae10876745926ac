# How to run it, and what of this was tried and what not: docs/operations.md, "In a container".
FROM python:3.11-slim-bookworm AS libraries
COPY requirements.txt /tmp/requirements.txt
RUN python -m venv /opt/agora \
    && /opt/agora/bin/pip install --no-cache-dir --only-binary :all: -r /tmp/requirements.txt

FROM python:3.11-slim-bookworm
# Fixed numbers, so that a volume keeps its owner from one image to the next.
RUN groupadd --gid 10001 agora \
    && useradd --uid 10001 --gid 10001 --no-create-home agora \
    && install --directory --owner=agora --group=agora --mode=0700 /data
COPY --from=libraries /opt/agora /opt/agora
WORKDIR /srv/agora
COPY config config
COPY handlers handlers
COPY services services
COPY repositories repositories
COPY scripts scripts
COPY server.py server.py
RUN /opt/agora/bin/python -m compileall -q /opt/agora /srv/agora
ENV PATH=/opt/agora/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    AGORA_ADDRESS=0.0.0.0 \
    AGORA_DATA_DIR=/data
USER 10001:10001
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
ENTRYPOINT ["python", "server.py"]
