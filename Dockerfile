# The wheel with every extra and the CPU build of torch; runs as a user without rights.
FROM python:3.11-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE CHANGELOG.md app.py ./
COPY drift_core drift_core
COPY pages pages
COPY .streamlit .streamlit
COPY sample_data sample_data
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.11-slim
ARG TORCH_VERSION=2.13.0
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
COPY constraints.txt /tmp/constraints.txt
RUN pip install --no-cache-dir --constraint /tmp/constraints.txt --extra-index-url "$TORCH_INDEX" \
      "torch==$TORCH_VERSION+cpu"
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --constraint /tmp/constraints.txt "$(ls /wheels/*.whl)[all]"

RUN useradd --create-home --uid 10001 drift && install -d -o drift /data
USER drift
WORKDIR /data
# Files in /data may be named on the samples page; mount a folder that user 10001 may write. The home keeps embeddings.
ENV DISTILLATION_DRIFT_ROOTS=/data PYTHONUNBUFFERED=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://localhost:8501/_stcore/health', timeout=4)"]
ENTRYPOINT ["distillation-drift"]
# Publish the port on localhost alone (-p 127.0.0.1:8501:8501): who reaches it is let in.
CMD ["app", "--no-browser", "--port", "8501", "--address", "0.0.0.0"]
