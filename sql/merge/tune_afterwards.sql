SET LOCAL random_page_cost = DEFAULT
