-- Columns: 'query' as query, 'query_id' as query_id, 'doc' as doc. Others are named with --column ROLE=COLUMN; --column ROLE= leaves one out.
-- Run this, save the result as Parquet or CSV, and draw the sample from that file:
-- distillation-drift sample RESULT --n 300 --by cohort --seed 202648 --out week.parquet
WITH cells AS (
  SELECT
    drift_key,
    drift_stratum,
    COUNT(*) AS n
  FROM (
    SELECT
      CASE
        WHEN CASE
          WHEN NOT SUBSTRING(CAST(week_log.query AS STRING), 1, 1) IN ('', ' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13))
          THEN TRUE
          ELSE NOT NULLIF(
            TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query AS STRING)),
            ''
          ) IS NULL
        END
        THEN COALESCE(
          NULLIF(
            TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query_id AS STRING)),
            ''
          ),
          CAST(week_log.query AS STRING)
        )
      END AS drift_key,
      CASE
        WHEN CASE
          WHEN NOT SUBSTRING(CAST(week_log.query AS STRING), 1, 1) IN ('', ' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13))
          THEN TRUE
          ELSE NOT NULLIF(
            TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query AS STRING)),
            ''
          ) IS NULL
        END
        THEN COALESCE(
          NULLIF(
            TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.cohort AS STRING)),
            ''
          ),
          '(none)'
        )
      END AS drift_stratum
    FROM judged.pairs AS week_log
  ) AS marked
  GROUP BY
    drift_key,
    drift_stratum
), grouped AS (
  SELECT
    drift_key,
    CAST(SUM(n) AS BIGINT) AS n_query,
    COUNT(*) AS n_values,
    MIN(drift_stratum) AS one_stratum
  FROM cells
  GROUP BY
    drift_key
), mixed AS (
  SELECT
    cells.drift_key,
    SUBSTRING(
      MAX(
        LPAD(CAST(cells.n AS STRING), 15, '0') || MD5(CAST(drift_stratum AS STRING)) || drift_stratum
      ),
      48
    ) AS most_frequent
  FROM cells
  JOIN grouped
    ON cells.drift_key = grouped.drift_key
  WHERE
    n_values > 1
  GROUP BY
    cells.drift_key
), queries AS (
  SELECT
    grouped.drift_key,
    COALESCE(most_frequent, one_stratum) AS drift_stratum,
    n_query,
    n_values,
    CAST(FLOOR((
      n_query + 50 - 1
    ) / 50) AS BIGINT) AS parts,
    SUBSTRING(MD5('week 202648:' || grouped.drift_key), 1, 15) AS drift_number
  FROM grouped
  LEFT JOIN mixed
    ON grouped.drift_key = mixed.drift_key
), strata AS (
  SELECT
    drift_stratum,
    COUNT(*) AS n_queries,
    SUM(parts) AS drift_units,
    SUM(n_query) AS drift_rows,
    SUM(CASE WHEN n_values > 1 THEN 1 ELSE 0 END) AS n_mixed,
    SUM(CASE WHEN parts > 1 THEN 1 ELSE 0 END) AS n_cut
  FROM queries
  GROUP BY
    drift_stratum
), totals AS (
  SELECT
    COUNT(drift_stratum) AS drift_strata,
    MAX(drift_stratum) AS last_stratum,
    SUM(CASE WHEN drift_stratum IS NULL THEN 0 ELSE drift_rows END) AS all_rows,
    SUM(CASE WHEN drift_stratum IS NULL THEN 0 ELSE n_queries END) AS drift_queries,
    SUM(CASE WHEN drift_stratum IS NULL THEN drift_rows ELSE 0 END) AS drift_without,
    SUM(CASE WHEN drift_stratum IS NULL THEN 0 ELSE n_mixed END) AS drift_mixed,
    SUM(CASE WHEN drift_stratum IS NULL THEN 0 ELSE n_cut END) AS drift_cut
  FROM strata
), wanted AS (
  SELECT
    strata.drift_stratum,
    drift_units,
    drift_rows,
    totals.*,
    CASE
      WHEN drift_strata <= 300
      THEN 2 + (
        CASE
          WHEN 300 * CAST(drift_units AS DOUBLE) / all_rows > 20 * CAST(drift_units AS DOUBLE) / drift_rows
          THEN 300 * CAST(drift_units AS DOUBLE) / all_rows
          ELSE 20 * CAST(drift_units AS DOUBLE) / drift_rows
        END
      )
      WHEN drift_stratum = last_stratum
      THEN 1
      ELSE 0
    END AS near
  FROM strata
  CROSS JOIN totals
  WHERE
    NOT drift_stratum IS NULL
), bounds AS (
  SELECT
    drift_stratum,
    drift_units,
    drift_rows,
    drift_strata,
    drift_queries,
    drift_without,
    drift_mixed,
    drift_cut,
    MAX(near) AS nearest,
    MAX(
      CASE
        WHEN rate < 2.3283064365386963e-10
        THEN '00000001'
        WHEN rate < 3.725290298461914e-09
        THEN '0000001'
        WHEN rate < 5.960464477539063e-08
        THEN '000001'
        WHEN rate < 9.5367431640625e-07
        THEN '00001'
        WHEN rate < 1.52587890625e-05
        THEN '0001'
        WHEN rate < 0.000244140625
        THEN '001'
        WHEN rate < 0.00390625
        THEN '01'
        WHEN rate < 0.0625
        THEN '1'
        ELSE 'g'
      END
    ) AS highest
  FROM (
    SELECT
      wanted.*,
      (
        near + 10 * SQRT(near) + 20
      ) / drift_units AS rate
    FROM wanted
  ) AS rated
  GROUP BY
    drift_stratum,
    drift_units,
    drift_rows,
    drift_strata,
    drift_queries,
    drift_without,
    drift_mixed,
    drift_cut
), rows_to_cut AS (
  SELECT
    queries.drift_key,
    queries.drift_stratum,
    queries.drift_number,
    queries.parts,
    (
      ROW_NUMBER() OVER (
        PARTITION BY queries.drift_key
        ORDER BY MD5(COALESCE(CAST(week_log.doc AS STRING), '')) NULLS LAST
      ) - 1
    ) % queries.parts AS part
  FROM (
    SELECT
      week_log.*,
      COALESCE(
        NULLIF(
          TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query_id AS STRING)),
          ''
        ),
        CAST(week_log.query AS STRING)
      ) AS drift_key
    FROM judged.pairs AS week_log
    WHERE
      CASE
        WHEN NOT SUBSTRING(CAST(week_log.query AS STRING), 1, 1) IN ('', ' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13))
        THEN TRUE
        ELSE NOT NULLIF(
          TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query AS STRING)),
          ''
        ) IS NULL
      END
  ) AS week_log
  JOIN queries
    ON week_log.drift_key = queries.drift_key
  WHERE
    queries.parts > 1
), units AS (
  SELECT
    drift_key,
    drift_stratum,
    drift_number,
    drift_number AS drift_draw,
    0 AS part,
    parts,
    n_query AS n
  FROM queries
  WHERE
    parts = 1 AND NOT drift_key IS NULL
  UNION ALL
  SELECT
    drift_key,
    drift_stratum,
    drift_number,
    SUBSTRING(MD5(drift_number || ':' || CAST(part AS STRING)), 1, 15) AS drift_draw,
    part,
    parts,
    COUNT(*) AS n
  FROM rows_to_cut
  GROUP BY
    drift_key,
    drift_stratum,
    drift_number,
    part,
    parts
), placed AS (
  SELECT
    drift_key,
    drift_number,
    drift_draw,
    part,
    parts,
    n,
    bounds.*,
    ROW_NUMBER() OVER (PARTITION BY units.drift_stratum ORDER BY drift_draw NULLS LAST) AS place
  FROM units
  JOIN bounds
    ON units.drift_stratum = bounds.drift_stratum
  WHERE
    drift_draw < highest
), candidates AS (
  SELECT
    *
  FROM placed
  WHERE
    place <= nearest
  LIMIT 7500
)
SELECT
  picked.*,
  candidates.drift_draw,
  candidates.n AS drift_n,
  candidates.drift_stratum,
  candidates.drift_units,
  candidates.drift_rows,
  candidates.drift_strata,
  candidates.drift_queries,
  candidates.drift_without,
  candidates.drift_mixed,
  candidates.drift_cut,
  'n 300, by cohort, seed 202648, most docs 50' AS drift_design
FROM (
  SELECT
    week_log.*,
    chosen.drift_number,
    CASE
      WHEN chosen.parts = 1
      THEN 0
      ELSE (
        ROW_NUMBER() OVER (
          PARTITION BY week_log.drift_key
          ORDER BY MD5(COALESCE(CAST(week_log.doc AS STRING), '')) NULLS LAST
        ) - 1
      ) % chosen.parts
    END AS drift_part
  FROM (
    SELECT
      week_log.*,
      COALESCE(
        NULLIF(
          TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query_id AS STRING)),
          ''
        ),
        CAST(week_log.query AS STRING)
      ) AS drift_key
    FROM judged.pairs AS week_log
    WHERE
      CASE
        WHEN NOT SUBSTRING(CAST(week_log.query AS STRING), 1, 1) IN ('', ' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13))
        THEN TRUE
        ELSE NOT NULLIF(
          TRIM(BOTH CONCAT(' ', CHR(9), CHR(10), CHR(11), CHR(12), CHR(13)) FROM CAST(week_log.query AS STRING)),
          ''
        ) IS NULL
      END
  ) AS week_log
  JOIN (
    SELECT DISTINCT
      drift_key,
      drift_number,
      parts
    FROM candidates
  ) AS chosen
    ON week_log.drift_key = chosen.drift_key
) AS picked
JOIN candidates
  ON picked.drift_key = candidates.drift_key AND picked.drift_part = candidates.part
